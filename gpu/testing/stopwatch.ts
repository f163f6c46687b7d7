/**
 * Milliseconds since now, of the wall or of this process's processor time, whichever is less: a busy computer takes longer
 * to do the same work, and other threads of this process work too. For tests that something comes to an end at all.
 */
export function stopwatch(): () => number {
  const [begun, worked] = [performance.now(), process.cpuUsage()]
  return () => {
    const { user, system } = process.cpuUsage(worked)
    return Math.min(performance.now() - begun, (user + system) / 1000)
  }
}
