/** The icons of the conversation: 20 by 20, drawn with a stroke of 1.5 in the text's colour. */
const drawn = (path: string) =>
  function Icon() {
    return (
      <svg
        className="icon"
        viewBox="0 0 20 20"
        width="20"
        height="20"
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

export const CopyIcon = drawn('M7.5 7.5h8v9h-8zM12.5 7.5v-4h-8v9h3')
export const CheckIcon = drawn('M4.5 10.5l3.5 3.5 7.5-8')
export const QuestionIcon = drawn('M7.5 7.5a2.5 2.5 0 1 1 3.7 2.2c-.8.5-1.2 1-1.2 2M10 14.5v.1')
export const PencilIcon = drawn('M4 16l.8-3.4L13 4.4l2.6 2.6-8.2 8.2zM11.2 6.2l2.6 2.6')
export const AgainIcon = drawn('M15.5 9a5.8 5.8 0 1 0-.6 4M15.8 4.5V9h-4.5')
export const BranchIcon = drawn('M6 4v12M6 11c0-2.5 8-1.5 8-5.5M6 4l-2 2M6 4l2 2M14 4l-2 2M14 4l2 2')
export const PreviousIcon = drawn('M12 5l-5 5 5 5')
export const NextIcon = drawn('M8 5l5 5-5 5')
export const DownIcon = drawn('M5.5 8l4.5 4.5L14.5 8')
export const NewestIcon = drawn('M10 4v11M5.5 10.5L10 15l4.5-4.5')
export const PlusIcon = drawn('M10 4.5v11M4.5 10h11')
export const TrashIcon = drawn('M4.5 6h11M8 6V4h4v2M6 6l.7 10h6.6L14 6M8.7 9v4.5M11.3 9v4.5')
export const SearchIcon = drawn('M9 4a5 5 0 1 0 0 10A5 5 0 0 0 9 4zM12.8 12.8L16 16')
export const SaveIcon = drawn('M10 4v8.5M6.5 9.5L10 13l3.5-3.5M4.5 16h11')
export const StopIcon = drawn('M6 6h8v8H6z')
export const AskIcon = drawn('M10 16V4.5M5.5 9L10 4.5 14.5 9')
export const CloseIcon = drawn('M5.5 5.5l9 9M14.5 5.5l-9 9')
