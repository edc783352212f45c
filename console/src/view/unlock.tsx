import { useSignal } from '@preact/signals'
import type { Model } from '../model'
import { Dialog } from './dialog'
import { useAction } from './use-action'

/** What the page may do, and a form for the administrator's key. */
export function Unlock({ model: { admin } }: { model: Model }) {
  const isOpen = useSignal(false)
  const key = useSignal('')
  const unlock = useAction(async () => {
    await admin.unlock(key.value.trim())
    key.value = ''
    isOpen.value = false
  })
  const access = admin.access.value
  if (access === 'open') return <span class="badge">open mode: everything is allowed</span>
  if (access === 'key') return <button onClick={() => admin.lock()}>Lock</button>
  return (
    <>
      <button onClick={() => (isOpen.value = true)}>Unlock as administrator</button>
      {isOpen.value && (
        <Dialog title="Unlock as administrator" onClose={() => (isOpen.value = false)}>
          <p>
            With the administrator's key you can break the services, and see circuits, replicas and event logs.
            user-service made the key at its first start. This shows it:
          </p>
          <p>
            <code>docker compose exec user-service cat /data/admin-key</code>
            <br />
            <code>cat data/admin-key</code> if you ran <code>npm start</code>
          </p>
          <form class="row" onSubmit={unlock.onSubmit}>
            <label>
              Administrator's key{' '}
              <input
                type="password"
                required
                autocomplete="off"
                value={key}
                onInput={({ currentTarget }) => (key.value = currentTarget.value)}
              />
            </label>
            <button class="primary" disabled={unlock.isBusy}>
              Unlock
            </button>
            <unlock.Fault />
          </form>
          <p class="hint">It is kept in this tab until you close or lock it.</p>
        </Dialog>
      )}
    </>
  )
}
