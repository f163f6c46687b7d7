/** One call in, one reply out; never throws. The same for every transport. */
import { z } from 'zod'
import { HostFailure, sentenceOf } from '../../contract/failure'
import type { HostCalls, Reply } from '../../contract/host'
import { callSchemas } from './call-schemas'

/** Larger things travel by the byte routes. */
export const longestCall = 100_000

/** 20,000 grants. Over HTTP none are given, and the transport stops at less. */
const longestGrants = 1_000_000

/** `failed` is told of failures that are mistakes of ours. */
export async function answer(
  calls: HostCalls,
  name: unknown,
  args: unknown,
  failed: (what: string, error: unknown) => void = () => undefined
): Promise<Reply> {
  // hasOwn and not `in`: "toString" is no call of ours.
  if (typeof name !== 'string' || !Object.hasOwn(callSchemas, name))
    return refusal(`There is no call ${shown(name)}.`)
  const call = name as keyof HostCalls
  const length = lengthOf(args)
  if (length === undefined) return refusal(`${call}: what was sent is no plain data.`)
  if (length > (call === 'addDocuments' ? longestGrants : longestCall))
    return refusal(`${call}: ${length} characters were sent, and ${longestCall} are the most in a call.`)
  const checked = callSchemas[call].safeParse(args)
  if (!checked.success)
    return refusal(
      `${call}: ${z.prettifyError(checked.error).replaceAll('\n', ' ').slice(0, 500)} Got ${shown(args)}.`
    )
  try {
    // The schemas are checked against the contract's types where they stand.
    const run = calls[call] as (...args: unknown[]) => Promise<unknown>
    return { ok: true, value: (await run(...checked.data)) ?? null }
  } catch (error) {
    if (error instanceof HostFailure) {
      const { code, message, said } = error
      return { ok: false, code, message, ...(said && { said }) }
    }
    failed(call, error)
    return {
      ok: false,
      code: 'unexpected',
      message: `${call}: ${sentenceOf(error)}`
    }
  }
}

const refusal = (message: string): Reply => ({ ok: false, code: 'bad-request', message })

function lengthOf(value: unknown): number | undefined {
  try {
    return JSON.stringify(value)?.length
  } catch {
    return undefined
  }
}

function shown(value: unknown): string {
  try {
    return (JSON.stringify(value) ?? String(value)).slice(0, 80)
  } catch {
    return typeof value
  }
}
