/** The models of this computer, as the host lists them. */
import { useEngine } from '../store/engine'
import { currentHost } from './running-engine'

export async function listModels(): Promise<void> {
  useEngine.setState({ models: await currentHost().listModels() })
}
