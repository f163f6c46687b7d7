import { expect, test } from 'vitest'
import { failureWords, inEnglish } from './failure-words'
import { foreignIn, weightsSaid } from './weight-files'

const bytes = (text: string): Uint8Array => Uint8Array.from(text, letter => letter.charCodeAt(0))
const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${'ab'.repeat(32)}\nsize 269060552\n`
const safetensors = '\x40\0\0\0\0\0\0\0{"__metadata__":{}}'

test.each([
  ['model.gguf', 'GGUF\x03\0\0\0', 'weightsGguf'],
  ['renamed.txt', 'GGUF\x03\0\0\0', 'weightsGguf'],
  ['pytorch_model.bin', 'PK\x03\x04\0\0 archive/data.pkl', 'weightsPytorch'],
  ['old.pt', '\x80\x02\x8a\x0a\x6c\xfc\x9c\x46', 'weightsPytorch'],
  ['m.onnx', '\x08\x08\x12\x07pytorch\x1a\x05\0', 'weightsOther'],
  ['m.tflite', '\x1c\0\0\0TFL3', 'weightsOther'],
  ['m.task', 'PK\x03\x04\0\0TF_LITE_PREFILL', 'weightsOther'],
  ['m.mlmodel', '\x08\x04\x12\x05\0\0', 'weightsOther'],
  ['a/model.safetensors', safetensors, 'weightsOne'],
  ['model.safetensors', pointer, 'weightsPointer'],
  ['book.pdf', pointer, 'weightsPointer'],
  ['raw.bin', '\0\x01\x02', 'weightsUnknown']
])('%s is named for what it is', (name, content, word) => {
  const said = weightsSaid(name, bytes(content))!
  expect(said.name).toBe(word)
  const sentence = inEnglish(said.name, said.values)
  expect(sentence).toContain(name.split('/').at(-1))
  expect(sentence).not.toMatch(/\{\{|undefined/)
})

test('documents are none of these', () => {
  for (const [name, content] of [
    ['notes.txt', 'GGUF is a format'],
    ['task.task', 'buy milk'],
    ['a.docx', 'PK\x03\x04\0\0[Content_Types].xml'],
    ['a.pdf', '%PDF-1.7\n\x80'],
    ['a.txt', 'version https://git-lfs.github.com/spec/v1 is how a pointer begins']
  ] as const)
    expect(weightsSaid(name, bytes(content)), name).toBeUndefined()
  expect(Object.keys(failureWords)).toContain('weightsOne')
})

test('a model folder: a pointer is told first, other weights only where there is no safetensors', async () => {
  const of = (files: Record<string, string>) =>
    foreignIn(Object.keys(files), async name => bytes(files[name]!)).then(said => said?.name)
  expect(await of({ 'config.json': '{}', 'model.safetensors': safetensors })).toBeUndefined()
  expect(await of({ 'config.json': '{}', 'model.safetensors': pointer })).toBe('weightsPointer')
  expect(await of({ 'model.safetensors': safetensors, 'tokenizer.json': pointer })).toBe('weightsPointer')
  expect(await of({ 'config.json': '{}', 'a.bin': '\0', 'm.gguf': 'GGUF\0' })).toBe('weightsGguf')
  expect(await of({ 'model.safetensors': safetensors, 'm.gguf': 'GGUF\0' })).toBeUndefined()
})
