/** The failure in a reply of the host, as it is said in the window. */
import { failureOf } from '../../contract/host'
import { failureSentence } from '../words/failure-sentence'

export const toldFailure = (reply: { code?: unknown; message?: unknown; said?: unknown }): Error =>
  failureOf({ ...reply, message: failureSentence(reply.message, reply.said) })
