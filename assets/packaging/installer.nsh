; Included by electron-builder's NSIS script. Windows then offers Readonce under "Open with" for these files, and what
; opened them before still does: electron-builder's own fileAssociations would write themselves in as the default.

!macro readonceOpens EXT
  WriteRegStr SHELL_CONTEXT "Software\Classes\Applications\${APP_EXECUTABLE_FILENAME}\SupportedTypes" ".${EXT}" ""
  WriteRegNone SHELL_CONTEXT "Software\Classes\.${EXT}\OpenWithProgids" "Readonce.Document"
!macroend

!macro readonceOpensNoMore EXT
  DeleteRegValue SHELL_CONTEXT "Software\Classes\.${EXT}\OpenWithProgids" "Readonce.Document"
!macroend

!macro readonceEach MACRO
  !insertmacro ${MACRO} "txt"
  !insertmacro ${MACRO} "md"
  !insertmacro ${MACRO} "pdf"
  !insertmacro ${MACRO} "docx"
  !insertmacro ${MACRO} "epub"
  !insertmacro ${MACRO} "html"
  !insertmacro ${MACRO} "csv"
  !insertmacro ${MACRO} "json"
  !insertmacro ${MACRO} "log"
  !insertmacro ${MACRO} "rtf"
  !insertmacro ${MACRO} "odt"
!macroend

!macro customInstall
  WriteRegStr SHELL_CONTEXT "Software\Classes\Applications\${APP_EXECUTABLE_FILENAME}" "FriendlyAppName" "${PRODUCT_NAME}"
  WriteRegStr SHELL_CONTEXT "Software\Classes\Applications\${APP_EXECUTABLE_FILENAME}\shell\open\command" "" '"$INSTDIR\${APP_EXECUTABLE_FILENAME}" "%1"'
  WriteRegStr SHELL_CONTEXT "Software\Classes\Readonce.Document\DefaultIcon" "" "$INSTDIR\${APP_EXECUTABLE_FILENAME},0"
  WriteRegStr SHELL_CONTEXT "Software\Classes\Readonce.Document\shell\open\command" "" '"$INSTDIR\${APP_EXECUTABLE_FILENAME}" "%1"'
  !insertmacro readonceEach readonceOpens
  System::Call 'shell32::SHChangeNotify(i 0x08000000, i 0, i 0, i 0)'
!macroend

!macro customUnInstall
  !insertmacro readonceEach readonceOpensNoMore
  DeleteRegKey SHELL_CONTEXT "Software\Classes\Applications\${APP_EXECUTABLE_FILENAME}"
  DeleteRegKey SHELL_CONTEXT "Software\Classes\Readonce.Document"
!macroend
