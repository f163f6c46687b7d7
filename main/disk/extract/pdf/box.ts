/** Rectangles on a page, in points. */

export interface Box {
  readonly x0: number
  readonly x1: number
  readonly y0: number
  readonly y1: number
}

/** What has `y` upwards in the page's own space, as lines at this angle (degrees) see it: `y` downwards. */
export function turnedBox(box: Box, angle: number): Box {
  const radians = (angle * Math.PI) / 180
  const [cos, sin] = [Math.cos(radians), Math.sin(radians)]
  const corners = [box.x0, box.x1].flatMap(x => [box.y0, box.y1].map(y => ({ x, y })))
  const xs = corners.map(({ x, y }) => x * cos + y * sin)
  const ys = corners.map(({ x, y }) => x * sin - y * cos)
  return { x0: Math.min(...xs), x1: Math.max(...xs), y0: Math.min(...ys), y1: Math.max(...ys) }
}
