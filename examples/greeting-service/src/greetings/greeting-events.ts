import { z } from 'zod'

/** What this service tells others. The words are not in it: they are for whoever may read the greeting. */
export const greetingEvents = {
  'greeting.created': z.strictObject({ id: z.uuid(), userId: z.guid() }),
}
