import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { Model } from '../model'
import { Dialog } from '../view/dialog'
import { sourceOf } from './sources'

/** A file of the repository. */
export function SourceDialog({ model: { source } }: { model: Model }) {
  const text = useSignal('')
  const path = source.value
  useEffect(() => {
    if (path === undefined) return
    text.value = ''
    sourceOf(path).then(
      (read) => (text.value = read),
      () => (text.value = `This file could not be loaded. It is ${path} in the repository.`),
    )
  }, [path])
  if (path === undefined) return null
  return (
    <Dialog title={path} onClose={() => (source.value = undefined)}>
      <pre tabIndex={0}>{text.value}</pre>
    </Dialog>
  )
}
