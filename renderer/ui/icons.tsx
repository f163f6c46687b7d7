/** Line icons, 20 by 20, in the colour of the text beside them. Never the only name of a thing: screen readers skip them. */

/** One path an icon. `turns`: points in the direction of reading, so it is mirrored where that goes right to left. */
export const icon = (path: string, turns = false) =>
  function Icon() {
    return (
      <svg
        className={turns ? 'icon turns' : 'icon'}
        viewBox="0 0 20 20"
        fill="none"
        stroke="currentColor"
        strokeWidth="1.5"
        strokeLinecap="round"
        strokeLinejoin="round"
        aria-hidden="true"
      >
        <path d={path} />
      </svg>
    )
  }

export const LibraryIcon = icon('M4 3.5v13M8 3.5v13M12 4.2l3.6 12.2M3 16.5h6M3 3.5h6M10.6 4.6l2.9-.8')
export const DocumentIcon = icon('M5 2.75h6.5L15.5 7v10.25H5zM11.5 2.75V7h4M7.5 10.5h5M7.5 13.5h5')
export const DocumentsIcon = icon('M7 5.5V2.75h5.5L16.5 7v7.25H13M12.5 2.75V7h4M3.5 5.75H10l3 3v8.5H3.5z')
export const BookIcon = icon(
  'M10 5.2C8.4 4 6 3.6 3 3.75v11.5c3-.15 5.4.3 7 1.5 1.6-1.2 4-1.65 7-1.5V3.75c-3-.15-5.4.25-7 1.45zm0 0v11.5'
)
export const CodeIcon = icon('m7 6-4 4 4 4M13 6l4 4-4 4')
export const TableIcon = icon('M3 4.25h14v11.5H3zM3 8h14M3 12h14M8 4.25v11.5')
export const GlobeIcon = icon(
  'M17.25 10a7.25 7.25 0 1 1-14.5 0 7.25 7.25 0 0 1 14.5 0zM2.75 10h14.5M10 2.75c2 2 3 4.5 3 7.25s-1 5.25-3 7.25c-2-2-3-4.5-3-7.25s1-5.25 3-7.25z'
)
export const ChatIcon = icon('M3 4h14v10H9l-4 3.25V14H3zM6.5 7.75h7M6.5 10.5h4.5')
export const SearchIcon = icon('M14.25 8.75a5.5 5.5 0 1 1-11 0 5.5 5.5 0 0 1 11 0zM12.8 12.8l4.2 4.2')
export const SettingsIcon = icon(
  'M3 5.5h6M13 5.5h4M3 10h2M9 10h8M3 14.5h8M15 14.5h2M13 5.5a2 2 0 1 1-4 0 2 2 0 0 1 4 0zM9 10a2 2 0 1 1-4 0 2 2 0 0 1 4 0zM15 14.5a2 2 0 1 1-4 0 2 2 0 0 1 4 0z'
)
export const PauseIcon = icon('M7 4.5v11M13 4.5v11')
export const PlayIcon = icon('M6.5 4.25v11.5l9-5.75z', true)
export const StopIcon = icon('M5.5 5.5h9v9h-9z')
export const CloseIcon = icon('m5 5 10 10M15 5 5 15')
export const CopyIcon = icon('M7.5 7.5h9v9h-9zM12.5 7.5v-4h-9v9h4')
export const EditIcon = icon(
  'M3.5 16.5 4.4 13 13 4.4a1.5 1.5 0 0 1 2.1 0l.5.5a1.5 1.5 0 0 1 0 2.1L7 15.6zM11.5 5.9l2.6 2.6'
)
export const TrashIcon = icon(
  'M3.5 5.5h13M8 5.5v-2h4v2M5 5.5l.75 11.25h8.5L15 5.5M8.4 8.75l.2 5M11.6 8.75l-.2 5'
)
export const PinIcon = icon('M7 3h6l-.6 5 2.6 3.25H5L7.6 8zM10 11.25V17')
export const FolderIcon = icon('M2.75 5h5l1.75 2h7.75v9H2.75z')
export const PlusIcon = icon('M10 4v12M4 10h12')
export const ChevronDownIcon = icon('m5.5 8 4.5 4.5L14.5 8')
export const ChevronUpIcon = icon('M5.5 12 10 7.5l4.5 4.5')
export const ChevronStartIcon = icon('M12 5.5 7.5 10l4.5 4.5', true)
export const ChevronEndIcon = icon('M8 5.5 12.5 10 8 14.5', true)
export const MoreIcon = icon('M4.5 10h.01M10 10h.01M15.5 10h.01M4.5 9.6v.8M10 9.6v.8M15.5 9.6v.8')
export const RefreshIcon = icon('M16.25 10a6.25 6.25 0 1 1-1.9-4.5L16.5 7.5M16.5 3.5v4h-4')
export const DownloadIcon = icon('M10 3v9.5M6 9l4 4 4-4M3.5 16.5h13')
export const BranchIcon = icon(
  'M6 6.5v7M14 8.25c0 2.5-2 3.25-4 3.75-2 .4-4 1-4 1.5M7.75 4.75a1.75 1.75 0 1 1-3.5 0 1.75 1.75 0 0 1 3.5 0zM7.75 15.25a1.75 1.75 0 1 1-3.5 0 1.75 1.75 0 0 1 3.5 0zM15.75 6.5a1.75 1.75 0 1 1-3.5 0 1.75 1.75 0 0 1 3.5 0z'
)
export const CheckIcon = icon('m4 10.5 4 4 8-9')
export const WarningIcon = icon('M10 3 2.5 16.25h15zM10 8v4M10 14.2v.1')
export const InfoIcon = icon('M17.25 10a7.25 7.25 0 1 1-14.5 0 7.25 7.25 0 0 1 14.5 0zM10 9.25v4.5M10 6.4v.1')
export const KeyboardIcon = icon(
  'M2.5 5.25h15v9.5h-15zM5.5 8.25h.01M8.5 8.25h.01M11.5 8.25h.01M14.5 8.25h.01M6.5 11.75h7'
)
export const ListIcon = icon('M7.5 5.5h9M7.5 10h9M7.5 14.5h9M3.75 5.5h.01M3.75 10h.01M3.75 14.5h.01')
export const SortIcon = icon('M3.5 5.5h9M3.5 9.5h6M3.5 13.5h3.5M14.5 5v10.5m-2.5-2.5 2.5 2.5 2.5-2.5')
export const PanelStartIcon = icon('M3 4h14v12H3zM8 4v12', true)
export const PanelEndIcon = icon('M3 4h14v12H3zM12 4v12', true)
export const ModelIcon = icon('M6 6h8v8H6zM8 6V3M12 6V3M8 17v-3M12 17v-3M6 8H3M6 12H3M17 8h-3M17 12h-3')
export const DiagnosticsIcon = icon('M2.5 10.5h3l2-6 4 11 2.5-7 1 2h2.5')
