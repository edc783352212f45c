import type { Model } from '../model'
import { tourSteps } from './steps'

/** A guided tour in five steps. */
export function Tour({ model }: { model: Model }) {
  const { tourStep, source } = model
  const index = tourStep.value
  const step = index === undefined ? undefined : tourSteps[index]
  if (index === undefined || !step) return null
  const isDone = step.isDone(model)
  return (
    <aside class="tour" aria-label="Tour">
      <header>
        <h2>
          {index + 1} of {tourSteps.length}: {step.title}
        </h2>
        <button onClick={() => (tourStep.value = undefined)}>End the tour</button>
      </header>
      <p class="act">
        <strong>Do:</strong> {step.act}
      </p>
      <p>
        <strong>See:</strong> {step.see}
      </p>
      <p>
        <strong>{step.pattern}:</strong>{' '}
        <button class="link" onClick={() => (source.value = step.code)}>
          {step.code}
        </button>
        , and the test that holds it:{' '}
        <button class="link" onClick={() => (source.value = step.test)}>
          {step.test}
        </button>
      </p>
      <p class="row">
        <button disabled={index === 0} onClick={() => (tourStep.value = index - 1)}>
          Back
        </button>
        <button class="primary" disabled={index === tourSteps.length - 1} onClick={() => (tourStep.value = index + 1)}>
          Next
        </button>
        <span role="status">{isDone ? '✓ done' : ''}</span>
      </p>
    </aside>
  )
}
