/** Failures of both sides: written where they are made, and the same here. */
export { failureWords as failures } from '../../../contract/failure-words'
