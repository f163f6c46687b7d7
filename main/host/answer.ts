/** One call in, one reply out; never throws. The same for every transport. */
import { callNames, type HostCalls, type Reply } from '../../contract/host'
import { HostFailure } from '../../contract/failure'

export async function answer(calls: HostCalls, name: unknown, args: unknown): Promise<Reply> {
  // hasOwn and not `in`: "toString" is no call of ours.
  if (typeof name !== 'string' || !Object.hasOwn(callNames, name))
    return { ok: false, code: 'bad-request', message: `There is no call ${shown(name)}.` }
  // No call takes arguments yet; the first that does brings its schema.
  if (!Array.isArray(args) || args.length > 0)
    return { ok: false, code: 'bad-request', message: `${name} takes no arguments, got ${shown(args)}.` }
  try {
    return { ok: true, value: await calls[name as keyof HostCalls]() }
  } catch (error) {
    if (error instanceof HostFailure) return { ok: false, code: error.code, message: error.message }
    return {
      ok: false,
      code: 'unexpected',
      message: `${name}: ${String((error as Error)?.message ?? error)}`
    }
  }
}

function shown(value: unknown): string {
  try {
    return (JSON.stringify(value) ?? String(value)).slice(0, 80)
  } catch {
    return typeof value
  }
}
