export const failures = {
  noRoomToAdd:
    '{{name}} wurde nicht hinzugefügt: Es braucht {{needed, bytes}} auf der Platte, {{free, bytes}} sind frei, und davon hält Readonce {{reserve, bytes}} für Ihren Computer frei. Schaffen Sie Platz und fügen Sie es noch einmal hinzu.',
  noRoomToRead:
    '{{name}} wurde nicht gelesen: Das braucht {{needed, bytes}} auf der Platte, {{free, bytes}} sind frei, und davon hält Readonce {{reserve, bytes}} für Ihren Computer frei. Schaffen Sie Platz und lesen Sie es noch einmal.',
  noRoomToMove:
    'Die Bibliothek wurde nicht verlegt: Sie braucht {{needed, bytes}}, dort sind {{free, bytes}} frei, und davon hält Readonce {{reserve, bytes}} für Ihren Computer frei. Wählen Sie eine andere Platte oder schaffen Sie Platz.',
  diskFull:
    'Die Platte ist voll: {{needed, bytes}} mehr sind nötig, und {{free, bytes}} sind frei. Schaffen Sie Platz und versuchen Sie es noch einmal; was vorher aufbewahrt war, ist noch da.',
  diskLimit:
    'Eine Grenze dieses Benutzers oder Dateisystems ist erreicht ({{limit}}): {{needed, bytes}} mehr sind nötig, und {{free, bytes}} sind auf der Platte frei. Schaffen Sie Platz und versuchen Sie es noch einmal; was vorher aufbewahrt war, ist noch da.',
  weightsGguf:
    '{{name}} ist ein GGUF-Modell von llama.cpp, das Readonce nicht ausführt. Readonce führt YOCO-Modelle aus: einen Ordner mit config.json oder params.json, .safetensors und tokenizer.json.',
  weightsPytorch:
    '{{name}} enthält PyTorch-Gewichte, ein Python-Pickle, das beim Öffnen Programme ausführen könnte; Readonce öffnet es darum nicht. Wandeln Sie sie mit ihren eigenen Werkzeugen in safetensors um und legen Sie den ganzen Modellordner ab.',
  weightsOther:
    '{{name}} ist ein Modell für {{what}}, das Readonce nicht ausführt. Readonce führt YOCO-Modelle aus: einen Ordner mit config.json oder params.json, .safetensors und tokenizer.json.',
  weightsOne:
    '{{name}} ist eine einzelne Datei eines Modells. Legen Sie den ganzen Ordner ab, in dem sie liegt, mit config.json oder params.json und tokenizer.json.',
  weightsPointer:
    '{{name}} ist ein Verweis von Git LFS: eine Notiz anstelle der Datei selbst ({{size, bytes}}), die nicht geholt wurde. Führen Sie in ihrem Ordner „git lfs pull“ aus oder laden Sie die Datei selbst herunter, und legen Sie sie noch einmal ab.',
  weightsUnknown:
    '{{name}} enthält Binärdaten, vielleicht die Gewichte eines Modells; beides liest Readonce nicht. Readonce führt YOCO-Modelle aus: einen Ordner mit config.json oder params.json, .safetensors und tokenizer.json.'
} as const
