import type { DocumentKind } from '../../../contract/document'
import { BookIcon, CodeIcon, DocumentIcon, DocumentsIcon, GlobeIcon, TableIcon } from '../../ui/icons'

const icons: Record<DocumentKind, () => React.JSX.Element> = {
  text: DocumentIcon,
  markdown: DocumentIcon,
  code: CodeIcon,
  table: TableIcon,
  json: CodeIcon,
  html: GlobeIcon,
  pdf: DocumentIcon,
  docx: DocumentIcon,
  epub: BookIcon,
  rtf: DocumentIcon,
  odt: DocumentIcon,
  files: DocumentsIcon
}

export function KindIcon({ kind }: { kind: DocumentKind }) {
  const Icon = icons[kind]
  return <Icon />
}
