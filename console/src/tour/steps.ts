import type { Model } from '../model'
import { tourTexts, type TourText } from './texts'

export interface TourStep extends TourText {
  isDone: (model: Model) => boolean
}

export const tourSteps: readonly TourStep[] = [
  {
    ...tourTexts.saga,
    isDone: ({ shop }) => shop.counts.value.confirmed > 0 && shop.me.value !== undefined,
  },
  {
    ...tourTexts.idempotencyKey,
    isDone: ({ shop }) => shop.placed.items.some(({ attempts, id }) => attempts > 1 && id !== undefined),
  },
  {
    ...tourTexts.circuitBreaker,
    isDone: ({ shop }) => shop.counts.value.pending > 0,
  },
  {
    ...tourTexts.settler,
    isDone: ({ shop }) =>
      shop.counts.value.pending === 0 &&
      shop.placed.items.some(({ status, at }) => status === 'confirmed' && Date.now() - at > 5000),
  },
  {
    ...tourTexts.outbox,
    isDone: ({ stream, shop }) =>
      stream.perSecond.value === 0 && shop.counts.value.pending === 0 && shop.credit.value.agree > 0,
  },
]
