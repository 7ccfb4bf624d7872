; The caregiver desktop for Windows 10 and 11, for the person who signs in: no administrator, no network.
; Each version stands in a folder of its own, and the shortcuts move to it once it is whole: a power cut half-way leaves the old one.
; Data and settings (%LOCALAPPDATA%\shouwang) are never touched, by an update or by taking the program away.
;
; Given by packaging/windows: VERSION, RELEASE (the version with the digest of its content), PARCEL (the folder with wheels,
; requirements.lock and the icon), OUT (the setup to write), and PYTHON_SETUP where Python's own installer travels along.
Target amd64-unicode
ManifestDPIAware true
RequestExecutionLevel user
SetCompressor /SOLID lzma
!include MUI2.nsh
!include LogicLib.nsh

!define KEY "Software\Microsoft\Windows\CurrentVersion\Uninstall\Shouwang"
!define RUN "Software\Microsoft\Windows\CurrentVersion\Run"

Name "$(Product)"
OutFile "${OUT}"
InstallDir "$LOCALAPPDATA\Programs\Shouwang"
BrandingText "${VERSION}"
ShowInstDetails nevershow
VIProductVersion "${VERSION}.0"
VIAddVersionKey ProductName "Shouwang"
VIAddVersionKey FileDescription "Shouwang caregiver desktop"
VIAddVersionKey FileVersion "${VERSION}"
VIAddVersionKey LegalCopyright ""

!define MUI_ICON "${PARCEL}/shouwang.ico"
!define MUI_UNICON "${PARCEL}/shouwang.ico"
!define MUI_ABORTWARNING
!define MUI_FINISHPAGE_NOAUTOCLOSE
!define MUI_FINISHPAGE_RUN
!define MUI_FINISHPAGE_RUN_TEXT "$(Open)"
!define MUI_FINISHPAGE_RUN_FUNCTION open
!insertmacro MUI_PAGE_INSTFILES
!insertmacro MUI_PAGE_FINISH
!insertmacro MUI_UNPAGE_CONFIRM
!insertmacro MUI_UNPAGE_INSTFILES
!insertmacro MUI_LANGUAGE SimpChinese
!insertmacro MUI_LANGUAGE English

LangString Product ${LANG_SIMPCHINESE} "守望"
LangString Product ${LANG_ENGLISH} "Shouwang"
LangString Open ${LANG_SIMPCHINESE} "打开守望"
LangString Open ${LANG_ENGLISH} "Open Shouwang"
LangString Preparing ${LANG_SIMPCHINESE} "正在准备 ${VERSION} 版，约需一两分钟…"
LangString Preparing ${LANG_ENGLISH} "Preparing version ${VERSION}; this takes a minute or two …"
LangString NoPython ${LANG_SIMPCHINESE} "这台电脑还没有 Python 3.11（64 位）。请从 python.org 安装后，再运行一次本程序。"
LangString NoPython ${LANG_ENGLISH} "This computer has no Python 3.11 (64-bit) yet. Install it from python.org, then run this again."
LangString Failed ${LANG_SIMPCHINESE} "没有装好，原来的版本还可以照常使用。请把这个文件发给技术人员：$INSTDIR\setup.log"
LangString Failed ${LANG_ENGLISH} "It could not be installed; the version before still works. Please send this file to your engineer: $INSTDIR\setup.log"
LangString Kept ${LANG_SIMPCHINESE} "程序已经移除。数据和设置还在 $LOCALAPPDATA\shouwang。"
LangString Kept ${LANG_ENGLISH} "The program is gone. Its data and settings are kept in $LOCALAPPDATA\shouwang."

Var python
Var release
Var pip
Var wheels

Function findPython ; into $python, or ""
  ReadRegStr $python HKCU "Software\Python\PythonCore\3.11\InstallPath" "ExecutablePath"
  ${If} $python == ""
    ReadRegStr $python HKLM "Software\Python\PythonCore\3.11\InstallPath" "ExecutablePath"
  ${EndIf}
  ${IfNot} ${FileExists} "$python"
    StrCpy $python ""
  ${EndIf}
FunctionEnd

Function open
  Exec '"$release\Scripts\pythonw.exe" -m caregiver --windowed'
FunctionEnd

!macro step COMMAND ; its words go to setup.log; the first that fails ends the installation
  nsExec::Exec 'cmd /d /c "${COMMAND} >> "$INSTDIR\setup.log" 2>&1"'
  Pop $0
  ${If} $0 != 0
    RMDir /r "$release"
    MessageBox MB_ICONSTOP|MB_OK "$(Failed)" /SD IDOK
    SetErrorLevel 4
    Quit
  ${EndIf}
!macroend

Section
  StrCpy $release "$INSTDIR\versions\${RELEASE}"
  Call findPython
  !ifdef PYTHON_SETUP
    ${If} $python == ""
      SetOutPath "$PLUGINSDIR"
      File /oname=python-setup.exe "${PYTHON_SETUP}"
      ExecWait '"$PLUGINSDIR\python-setup.exe" /quiet InstallAllUsers=0 Include_launcher=0 Include_test=0 Shortcuts=0' $0
      Call findPython
    ${EndIf}
  !endif
  ${If} $python == ""
    MessageBox MB_ICONSTOP|MB_OK "$(NoPython)" /SD IDOK
    SetErrorLevel 2
    Quit
  ${EndIf}

  ${IfNot} ${FileExists} "$release\whole"
    DetailPrint "$(Preparing)"
    RMDir /r "$release"
    SetOutPath "$PLUGINSDIR\parcel"
    File /r "${PARCEL}/*.*"
    CreateDirectory "$INSTDIR"
    Delete "$INSTDIR\setup.log"
    !insertmacro step '"$python" -m venv "$release"'
    StrCpy $pip '"$release\Scripts\python.exe" -m pip --isolated --disable-pip-version-check'
    StrCpy $wheels '--no-index --no-deps --find-links "$PLUGINSDIR\parcel\wheels"'
    !insertmacro step '$pip install $wheels --require-hashes -r "$PLUGINSDIR\parcel\requirements.lock"'
    !insertmacro step '$pip install $wheels shouwang==${VERSION}'
    !insertmacro step '"$release\Scripts\python.exe" -m caregiver --version'
    SetOutPath "$release"
    File "${PARCEL}/shouwang.ico"
    SetOutPath "$INSTDIR" ; no folder below is held open
    FileOpen $9 "$release\whole" w
    FileClose $9
  ${EndIf}

  ; The version before stays, for going back by its own setup; what is older goes.
  ReadRegStr $0 HKCU "${KEY}" "Release"
  ${If} $0 != ""
  ${AndIf} $0 != "${RELEASE}"
    ReadRegStr $1 HKCU "${KEY}" "Before"
    ${If} $1 != ""
    ${AndIf} $1 != "${RELEASE}"
      RMDir /r "$INSTDIR\versions\$1"
    ${EndIf}
    WriteRegStr HKCU "${KEY}" "Before" "$0"
  ${EndIf}
  CreateShortcut "$SMPROGRAMS\守望 Shouwang.lnk" "$release\Scripts\pythonw.exe" "-m caregiver --windowed" "$release\shouwang.ico"
  WriteRegStr HKCU "${RUN}" "Shouwang" '"$release\Scripts\pythonw.exe" -m caregiver --windowed'
  WriteUninstaller "$INSTDIR\uninstall.exe"
  WriteRegStr HKCU "${KEY}" "Release" "${RELEASE}"
  WriteRegStr HKCU "${KEY}" "DisplayName" "$(Product)"
  WriteRegStr HKCU "${KEY}" "DisplayVersion" "${VERSION}"
  WriteRegStr HKCU "${KEY}" "DisplayIcon" "$release\shouwang.ico"
  WriteRegStr HKCU "${KEY}" "InstallLocation" "$INSTDIR"
  WriteRegStr HKCU "${KEY}" "UninstallString" '"$INSTDIR\uninstall.exe"'
  WriteRegStr HKCU "${KEY}" "QuietUninstallString" '"$INSTDIR\uninstall.exe" /S'
  WriteRegDWORD HKCU "${KEY}" "NoModify" 1
  WriteRegDWORD HKCU "${KEY}" "NoRepair" 1
SectionEnd

Section Uninstall
  Delete "$SMPROGRAMS\守望 Shouwang.lnk"
  DeleteRegValue HKCU "${RUN}" "Shouwang"
  DeleteRegKey HKCU "${KEY}"
  RMDir /r /REBOOTOK "$INSTDIR\versions"
  Delete "$INSTDIR\setup.log"
  Delete "$INSTDIR\uninstall.exe"
  RMDir "$INSTDIR" ; only where nothing else stands in it
  DetailPrint "$(Kept)"
SectionEnd
