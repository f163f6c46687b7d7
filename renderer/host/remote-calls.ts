/** A send function → the typed calls of the contract. */
import { callNames, type HostCalls, type Reply } from '../../contract/host'
import { toldFailure } from './told-failure'

type Send = (name: string, args: unknown[]) => Promise<Reply>

export function remoteCalls(send: Send): HostCalls {
  const call =
    (name: string) =>
    async (...args: unknown[]): Promise<unknown> => {
      // JSON would make null of an argument that is left out.
      const given = args.slice(0, args.findLastIndex(each => each !== undefined) + 1)
      const reply = await send(name, given)
      if (!reply.ok) throw toldFailure(reply)
      return reply.value
    }
  // The names are checked complete where they are declared, and the replies are the host's own.
  return Object.fromEntries(Object.keys(callNames).map(name => [name, call(name)])) as unknown as HostCalls
}
