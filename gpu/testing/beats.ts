/**
 * How long a thread was deaf: processor time between turns of its event loop while `work` goes on. Not time on the
 * clock: other tests share the processors, and what they take is not ours.
 */
export async function deafFor(
  work: () => Promise<void>
): Promise<{ longest: number; median: number; all: number }> {
  const milliseconds = (since?: NodeJS.CpuUsage): number => process.cpuUsage(since).user / 1000
  const beats: number[] = []
  const begun = process.cpuUsage()
  let last = process.cpuUsage()
  const beat = (): void => {
    beats.push(milliseconds(last))
    last = process.cpuUsage()
  }
  const timer = setInterval(beat, 0)
  await work()
  clearInterval(timer)
  beat()
  beats.sort((a, b) => a - b)
  return { longest: beats.at(-1)!, median: beats[beats.length >> 1]!, all: milliseconds(begun) }
}
