export const failuresOfModels = {
  weightsGguf:
    '{{name}} ist ein GGUF-Modell von llama.cpp, das Readonce nicht ausführt. Readonce führt YOCO-Modelle und Gemma 4 E2B und E4B aus: einen Ordner mit config.json oder params.json, .safetensors und tokenizer.json. Von Gemma 4 laden Sie alle Dateien von google/gemma-4-E2B-it-qat-mobile-transformers (2,5 GB) oder google/gemma-4-E4B-it-qat-mobile-transformers (3,5 GB) von huggingface.co herunter.',
  weightsPytorch:
    '{{name}} enthält PyTorch-Gewichte, ein Python-Pickle, das beim Öffnen Programme ausführen könnte; Readonce öffnet es darum nicht. Wandeln Sie sie mit ihren eigenen Werkzeugen in safetensors um und legen Sie den ganzen Modellordner ab.',
  weightsOther:
    '{{name}} ist ein Modell für {{what}}, das Readonce nicht ausführt. Readonce führt YOCO-Modelle und Gemma 4 E2B und E4B aus: einen Ordner mit config.json oder params.json, .safetensors und tokenizer.json. Von Gemma 4 laden Sie alle Dateien von google/gemma-4-E2B-it-qat-mobile-transformers (2,5 GB) oder google/gemma-4-E4B-it-qat-mobile-transformers (3,5 GB) von huggingface.co herunter.',
  weightsOne:
    '{{name}} ist eine einzelne Datei eines Modells. Legen Sie den ganzen Ordner ab, in dem sie liegt, mit config.json oder params.json und tokenizer.json.',
  weightsPointer:
    '{{name}} ist ein Verweis von Git LFS: eine Notiz anstelle der Datei selbst ({{size, bytes}}), die nicht geholt wurde. Führen Sie in ihrem Ordner „git lfs pull“ aus oder laden Sie die Datei selbst herunter, und legen Sie sie noch einmal ab.',
  weightsUnknown:
    '{{name}} enthält Binärdaten, vielleicht die Gewichte eines Modells; beides liest Readonce nicht. Readonce führt YOCO-Modelle und Gemma 4 E2B und E4B aus: einen Ordner mit config.json oder params.json, .safetensors und tokenizer.json.',
  modelLacks:
    '{{name}} ist kein Modell, das hier bekannt ist: Es fehlt {{what, said}}. Wählen Sie den Ordner, in dem die Dateien des Modells liegen.',
  lacksConfig: 'eine config.json oder params.json',
  lacksWeights: 'eine .safetensors-Datei mit Gewichten',
  lacksBoth: 'eine config.json oder params.json und eine .safetensors-Datei mit Gewichten',
  modelHasFolders:
    'In {{name}} liegen Ordner. Wählen Sie den Ordner, in dem nur die Dateien des Modells liegen.',
  modelTwice: '{{name}} hat zwei Dateien desselben Namens. Wählen Sie einen Ordner.',
  modelIsFile:
    '{{path}} ist eine Datei; geben Sie den Ordner an, in dem Konfiguration, Gewichte und Tokenizer des Modells liegen.',
  modelStrangeName:
    'Das Modell in {{folder}} verlangt eine Datei namens {{name}}; geöffnet werden nur einfache Namen im eigenen Ordner.',
  modelShrank: '{{name}} wurde kürzer, während es kopiert wurde. Versuchen Sie es noch einmal.',
  modelChanged:
    '{{path}} wurde geändert, während es gelesen wurde. Warten Sie, bis die Datei vollständig ist, und beginnen Sie noch einmal.',
  modelCut:
    '{{path}} hatte beim Öffnen {{expected, number}} Bytes und hat jetzt {{found, number}}: Die Datei wurde gekürzt oder ersetzt, während sie benutzt wurde. Stellen Sie sie wieder her und beginnen Sie noch einmal.',
  modelLost:
    '{{name}} wurde als {{kept}} aufbewahrt und ist dort nicht zu finden. Importieren Sie es noch einmal.',
  modelUnknown: 'Ein Modell {{name}} gibt es hier nicht.',
  modelNoFolder: 'Einen Modellordner {{folder}} gibt es nicht. Prüfen Sie den Pfad.',
  modelEmbedded: '{{name}} gehört zum Programm und kann nicht entfernt werden.',
  modelGone: 'Dieses Modell ist nicht mehr installiert. Wählen Sie ein anderes.',
  modelAgain: 'Ein Modell {{name}} gibt es wieder. Entfernen Sie es zuerst.',
  modelFileUnreadable: '{{name}} kann nicht mehr gelesen werden. Wählen Sie die Datei noch einmal.',
  importStopped: 'Der Import wurde abgebrochen; vom Modell wurde nichts aufbewahrt.',
  weightsStopped: 'Das Erzeugen der Gewichte wurde abgebrochen; nichts davon wurde aufbewahrt.',
  modelSilent:
    '{{name}} hat diesen Computer {{seconds}} Sekunden lang ohne Ende beschäftigt. Seine Dateien sind beschädigt oder dafür gemacht.'
} as const
