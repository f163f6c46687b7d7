/** Warum ein Modellordner nicht so läuft, wie er liegt. */
export const checkpoints = {
  checkpointMlx:
    'Diese Gewichte hat MLX auf {{bits}} Bit gepackt; das liest Readonce nicht. Laden Sie den Ordner, den die Hersteller des Modells veröffentlicht haben; bei Gemma 4 ist das google/gemma-4-E2B-it-qat-mobile-transformers.',
  checkpointPacked:
    'Diese Gewichte sind als {{method}} gepackt; das liest Readonce nicht. Laden Sie den Ordner, den die Hersteller des Modells veröffentlicht haben; bei Gemma 4 ist das google/gemma-4-E2B-it-qat-mobile-transformers.',
  checkpointNoTokenizer:
    '{{name}} hat keine tokenizer.json und kann darum Logits rechnen, aber keinen Text lesen. Legen Sie die tokenizer.json dazu, die zu ihm gehört.',
  checkpointUnfinished:
    'Das Herunterladen von {{file}} ist nicht zu Ende. Warten Sie es ab oder laden Sie die Datei noch einmal herunter, und wählen Sie den Ordner dann.',
  checkpointCut:
    '{{file}} hat {{found}} von {{expected}} Bytes: Sie wurde nicht zu Ende heruntergeladen. Laden Sie sie noch einmal herunter.'
} as const
