/**
 * Counts what the page asked of other computers, since it was opened: the browser's own list of fetched resources, and
 * what the content security policy stopped. Both shall be 0 for ever.
 */
interface OutsideRequests {
  readonly made: number
  readonly stopped: number
}

let [made, stopped] = [0, 0]

const isOutside = (address: string): boolean => {
  const { protocol, origin } = new URL(address, location.href)
  return !['blob:', 'data:'].includes(protocol) && origin !== location.origin
}

/** Called once, as early as can be. */
export function watchOutsideRequests(): void {
  new PerformanceObserver(list => {
    made += list.getEntries().filter(({ name }) => isOutside(name)).length
  }).observe({ type: 'resource', buffered: true })
  document.addEventListener('securitypolicyviolation', event => {
    if (event.blockedURI !== '' && /^\w+:\/\//.test(event.blockedURI) && isOutside(event.blockedURI))
      stopped++
  })
}

export const outsideRequests = (): OutsideRequests => ({ made, stopped })
