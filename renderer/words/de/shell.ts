export const shell = {
  name: 'Readonce',
  title: '{{document}} – Readonce',
  titleReading: '{{percent}} gelesen: {{document}} – Readonce',
  close: 'Schließen',
  more: 'Mehr',
  skip: { label: 'Sprungmarken', library: 'Zur Bibliothek', reader: 'Zum Text', chat: 'Zum Gespräch' },
  pane: { library: 'Bibliothek', reader: 'Text', chat: 'Gespräch' },
  panes: 'Bereiche',
  fold: {
    library: 'Bibliothek ausblenden',
    reader: 'Text ausblenden',
    chat: 'Gespräch ausblenden'
  },
  unfold: { library: 'Bibliothek zeigen', reader: 'Text zeigen', chat: 'Gespräch zeigen' },
  width: { library: 'Breite der Bibliothek', chat: 'Breite des Gesprächs' },

  status: {
    label: 'Dieser Computer',
    loading: 'Das Modell wird geladen…',
    loadingOf: 'Das Modell wird geladen, {{loaded}} von {{total}}',
    adapter: 'Rechnet auf {{name}}',
    software: 'Keine GPU gefunden: nur kleine Modelle, langsam',
    softwareOn: 'Rechnet auf dem Prozessor: {{name}}',
    model: 'Modell: {{name}}. Liste der Modelle öffnen',
    memory: 'Belegter Speicher nach Zweck',
    memoryUsed: '{{bytes}} Speicher',
    memoryTitle: 'Speicher des Adapters',
    purpose: {
      weights: 'Gewichte des Modells',
      pages: 'Gelesenes (Seiten)',
      carry: 'Wo das Lesen weitergeht',
      scratch: 'Arbeitsspeicher',
      staging: 'Auf dem Weg zur Platte und zurück',
      sum: 'Zusammen',
      peak: 'Höchststand'
    },
    speed: '{{speed}} Token/s',
    speedTitle: 'Geschwindigkeit des letzten Lesens oder Antwortens',
    tokens: '{{tokens}} Token im Blick',
    reopened: 'wieder geöffnet in {{time}}',
    inView: '{{length}} im Blick'
  },

  lost: {
    title: 'Das Grafikgerät ist ausgefallen.',
    text: 'Was gelesen ist, liegt auf der Platte. Nach einem Neustart geht das Lesen dort weiter.',
    details: 'Einzelheiten',
    reason: 'Der Treiber meldet: {{reason}}',
    again: 'Neu starten'
  },
  gone: {
    title: 'Das Programm hinter diesem Fenster antwortet nicht.',
    text: 'Es ist beendet, oder dieser Computer hat geschlafen. Was gespeichert war, liegt auf der Platte, und was Sie jetzt tun, bleibt hier. Es wird von selbst noch einmal gefragt; wenn es beendet ist, starten Sie Readonce neu.',
    unsaved_one: '{{count, number}} Gespräch ist noch zu speichern.',
    unsaved_other: '{{count, number}} Gespräche sind noch zu speichern.',
    again: 'Jetzt versuchen'
  },
  replaced: {
    title: 'Readonce wurde neu gestartet.',
    text: 'Diese Seite gehört zum Lauf davor und erreicht den neuen nicht. Alles liegt auf der Platte: Öffnen Sie das neue Fenster oder die Adresse, die Readonce zuletzt ausgegeben hat.'
  },
  silent: {
    title: 'Die Rechenmaschine antwortet nicht.',
    text: 'Sie ist seit mehr als zehn Sekunden beschäftigt und hört nichts, auch kein Anhalten. Vielleicht wird sie noch fertig. Was gelesen ist, bleibt: Nach einem Neustart geht das Lesen dort weiter.',
    again: 'Neu starten'
  },
  broken: {
    title: 'Das Modell konnte nicht geladen werden.',
    again: 'Noch einmal versuchen',
    models: 'Anderes Modell wählen'
  },
  failed: { title: 'Readonce konnte nicht starten', again: 'Noch einmal versuchen' },
  graphics: {
    automatic: 'Mit der GPU neu starten',
    plain: 'Ohne Vulkan auf dem Bildschirm neu starten',
    x11: 'Unter X11 neu starten',
    software: 'Ohne GPU neu starten (langsam)'
  },
  unsupported: {
    title: 'Kein Grafikadapter gefunden',
    text: 'Readonce rechnet mit WebGPU und fand weder eine Grafikkarte noch einen Software-Adapter. Ihre Dokumente sind sicher; nichts wurde verändert.',
    todo: 'Was zu tun ist',
    linux: {
      driver:
        'Installieren Sie einen Grafiktreiber mit Vulkan: für die meisten Karten das Paket mesa-vulkan-drivers, für NVIDIA deren eigenen Treiber.',
      flags:
        'In Chromium ist WebGPU unter Linux nicht von selbst an: Starten Sie es mit <code>--enable-unsafe-webgpu</code>, und wenn das nicht reicht, auch mit <code>--ozone-platform=x11</code> <code>--use-angle=vulkan</code> <code>--enable-features=Vulkan,VulkanFromANGLE</code>.',
      sandbox:
        'Ein Browser aus snap oder flatpak erreicht den Treiber oft nicht: Nehmen Sie einen aus Ihrer Distribution.',
      software:
        'Ohne Grafikkarte bringt dasselbe Paket lavapipe mit, einen Software-Adapter: langsam, aber er geht.'
    },
    darwin: {
      system: 'WebGPU braucht macOS 14 oder neuer.',
      browser: 'Im Browser: ein aktuelles Chrome, Edge oder Chromium.'
    },
    win32: {
      driver:
        'Installieren Sie den aktuellen Treiber vom Hersteller Ihrer Grafikkarte und starten Sie den Computer neu.',
      browser:
        'Im Browser: ein aktuelles Chrome oder Edge, und in dessen Einstellungen „Grafikbeschleunigung verwenden, falls verfügbar“ einschalten.',
      remote:
        'Über Fernzugriff wird die Grafikkarte oft nicht angeboten: Starten Sie Readonce am Computer selbst.'
    },
    other: {
      browser:
        'Nehmen Sie ein aktuelles Chrome, Edge oder Chromium und den aktuellen Treiber Ihrer Grafikkarte.'
    },
    again: 'Noch einmal versuchen',
    diagnostics: 'Diagnose',
    reason: 'Gefunden wurde: {{reason}}'
  }
} as const
