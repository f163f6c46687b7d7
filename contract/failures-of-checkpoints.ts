/** Sentences about folders of models that cannot be run as they lie: see failure-words.ts. gpu/checkpoints.ts throws them. */
export const failuresOfCheckpoints = {
  checkpointMlx:
    "These weights were packed into {{bits}} bits by MLX, which Readonce does not read. Download the folder that the model's makers published; of Gemma 4 that is google/gemma-4-E2B-it-qat-mobile-transformers.",
  checkpointPacked:
    "These weights were packed as {{method}}, which Readonce does not read. Download the folder that the model's makers published; of Gemma 4 that is google/gemma-4-E2B-it-qat-mobile-transformers.",
  checkpointNoTokenizer:
    '{{name}} has no tokenizer.json, so it can compute logits but not read text. Add the tokenizer.json that belongs to it.',
  checkpointUnfinished:
    'The download of {{file}} has not ended. Let it end, or download the file again, and choose the folder then.',
  checkpointCut:
    '{{file}} has {{found}} of {{expected}} bytes: it was not downloaded to its end. Download it again.'
} as const satisfies Record<string, string>
