/** Copies a model slowly, for a test that ends it in the middle: LIBRARY SOURCE. */
import { copyModel } from '../copy-model'

const [library, source] = process.argv.slice(2) as [string, string]
await copyModel(library, [source], 'm', {
  clone: false,
  whenGoingOn: () => new Promise(resolve => setTimeout(resolve, 300)),
  onProgress: done => {
    if (done > 10e6) process.stdout.write('half\n')
  }
})
