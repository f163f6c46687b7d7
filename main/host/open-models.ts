/** The models of this computer; files that were opened stay open (and mapped) until the host or the model goes. */
import type { ModelInfo } from '../../contract/host'
import { failureSaying } from '../../contract/failure'
import type { EmbeddedModel } from '../disk/embedded-models'
import type { Library } from '../disk/library'
import { openWithWeights } from '../disk/made-weights'
import type { ModelFolder } from '../disk/model-files'
import type { InstalledModel } from '../disk/models'

export class OpenModels {
  private readonly opened = new Map<string, Promise<ModelFolder>>()

  constructor(
    private readonly library: () => Library,
    private readonly embedded: readonly EmbeddedModel[]
  ) {}

  async list(): Promise<ModelInfo[]> {
    return (await this.installed()).map(({ id, name, bytes, embedded, card, cardProblem }) => ({
      id,
      name,
      bytes,
      embedded,
      ...(card && { card }),
      ...(cardProblem !== undefined && { cardProblem })
    }))
  }

  /** Its files stay open until `close`. Rejects with not-found for an id that `list` does not give. */
  async folder(id: string): Promise<ModelFolder> {
    const model = await this.find(id)
    const { folder: library, digestCache } = this.library()
    const folder = this.opened.get(id) ?? openWithWeights(library, model, { digestCache })
    this.opened.set(id, folder)
    folder.catch(() => this.opened.delete(id))
    return folder
  }

  async find(id: string): Promise<InstalledModel> {
    const known = (await this.installed()).find(model => model.id === id)
    if (known) return known
    throw failureSaying('not-found', 'modelUnknown', { name: JSON.stringify(id.slice(0, 80)) })
  }

  private installed(): Promise<InstalledModel[]> {
    return this.library().listModels(this.embedded)
  }

  /** Lets go of the files of one model, or of all. */
  async close(id?: string): Promise<void> {
    const ids = id === undefined ? [...this.opened.keys()] : [id]
    for (const each of ids) {
      const folder = await this.opened.get(each)?.catch(() => undefined)
      this.opened.delete(each)
      await folder?.close()
    }
  }
}
