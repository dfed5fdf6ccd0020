/** A button on every box of lines for a shell. Without this script, or where the clipboard is closed, there are none. */
function addCopyButtons(): void {
  if (!isSecureContext) return
  const said = document.createElement('p')
  said.className = 'out-of-sight'
  said.setAttribute('role', 'status')
  document.body.append(said)
  for (const box of document.querySelectorAll('pre')) {
    const lines = box.textContent
    const button = document.createElement('button')
    button.className = 'copy'
    button.textContent = 'Copy'
    button.addEventListener('click', () => {
      void navigator.clipboard.writeText(`${lines}\n`).then(
        () => tell(button, said, 'Copied'),
        () => tell(button, said, 'Not copied'),
      )
    })
    const frame = document.createElement('div')
    frame.className = 'copyable'
    box.replaceWith(frame)
    frame.append(box, button)
  }
}

function tell(button: HTMLButtonElement, said: HTMLElement, words: string): void {
  button.textContent = words
  said.textContent = words
  setTimeout(() => {
    button.textContent = 'Copy'
    said.textContent = ''
  }, 2000)
}

addCopyButtons()
