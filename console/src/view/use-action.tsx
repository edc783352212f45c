import { useSignal } from '@preact/signals'
import { NoResponse } from '../api/http'
import { Unexpected } from '../api/parse'

/** Something that a button or a form starts, one at a time, and what went wrong with it. */
export function useAction(work: () => Promise<unknown>) {
  const isBusy = useSignal(false)
  const fault = useSignal<string | undefined>(undefined)
  const run = async () => {
    if (isBusy.value) return
    isBusy.value = true
    fault.value = undefined
    try {
      await work()
    } catch (error) {
      if (!(error instanceof NoResponse) && !(error instanceof Unexpected)) throw error
      fault.value = error.message
    } finally {
      isBusy.value = false
    }
  }
  return {
    isBusy: isBusy.value,
    onClick: () => void run(),
    onSubmit: (event: Event) => {
      event.preventDefault()
      void run()
    },
    Fault: () =>
      fault.value === undefined ? null : <p role="alert" class="notice">{`That did not work: ${fault.value}.`}</p>,
  }
}
