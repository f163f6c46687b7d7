/** Sentences about models that cannot be taken: see failure-words.ts. */
export const failuresOfModels = {
  weightsGguf:
    '{{name}} is a GGUF model of llama.cpp, which Readonce does not run. Readonce runs YOCO models and Gemma 4 E2B and E4B, a folder with config.json or params.json, .safetensors and tokenizer.json. Of Gemma 4 download all files of google/gemma-4-E2B-it-qat-mobile-transformers (2.5 GB) or google/gemma-4-E4B-it-qat-mobile-transformers (3.5 GB) from huggingface.co.',
  weightsPytorch:
    '{{name}} holds PyTorch weights, a Python pickle that could run code when it is opened, so Readonce does not open it. Convert them to safetensors with their own tools and drop the whole model folder.',
  weightsOther:
    '{{name}} is a model for {{what}}, which Readonce does not run. Readonce runs YOCO models and Gemma 4 E2B and E4B, a folder with config.json or params.json, .safetensors and tokenizer.json. Of Gemma 4 download all files of google/gemma-4-E2B-it-qat-mobile-transformers (2.5 GB) or google/gemma-4-E4B-it-qat-mobile-transformers (3.5 GB) from huggingface.co.',
  weightsOne:
    '{{name}} is one file of a model. Drop the whole folder that it lies in, with config.json or params.json and tokenizer.json.',
  weightsPointer:
    '{{name}} is a Git LFS pointer: a note in place of the file itself ({{size, bytes}}), which was not fetched. Run “git lfs pull” in its folder, or download the file itself, and drop it again.',
  weightsUnknown:
    '{{name}} holds binary data, perhaps the weights of a model; Readonce reads neither. Readonce runs YOCO models and Gemma 4 E2B and E4B, a folder with config.json or params.json, .safetensors and tokenizer.json.',
  modelLacks:
    "{{name}} is no model that is known here: it lacks {{what, said}}. Choose the folder that holds the model's files.",
  lacksConfig: 'a config.json or params.json',
  lacksWeights: 'weights in a .safetensors file',
  lacksBoth: 'a config.json or params.json and weights in a .safetensors file',
  modelHasFolders: "{{name}} has folders inside. Choose the folder that holds only the model's files.",
  modelTwice: '{{name}} has two files of one name. Choose one folder.',
  modelIsFile:
    "{{path}} is a file; give the folder that holds the model's configuration, weights and tokenizer.",
  modelStrangeName:
    'The model in {{folder}} asks for a file named {{name}}; only plain names inside its own folder are opened.',
  modelShrank: '{{name}} became shorter while it was being copied. Try again.',
  modelChanged: '{{path}} was changed while it was being read. Wait until it is complete and start again.',
  modelCut:
    '{{path}} had {{expected, number}} bytes when it was opened and has {{found, number}} now: it was cut or replaced while in use. Restore the file and start again.',
  modelLost: '{{name}} was kept as {{kept}} and is not found there. Import it again.',
  modelUnknown: 'There is no model {{name}} here.',
  modelNoFolder: 'There is no model folder {{folder}}. Check the path.',
  modelEmbedded: '{{name}} came with the program and cannot be removed.',
  modelGone: 'This model is not installed any more. Choose another one.',
  modelAgain: 'There is a model {{name}} again. Remove it first.',
  modelFileUnreadable: '{{name}} cannot be read any more. Choose it again.',
  importStopped: 'The import was stopped; nothing of the model was kept.',
  weightsStopped: 'Making the weights was stopped; nothing of them was kept.',
  modelSilent:
    '{{name}} kept this computer busy for {{seconds}} seconds without an end. Its files are damaged, or were made to do that.'
} as const satisfies Record<string, string>
