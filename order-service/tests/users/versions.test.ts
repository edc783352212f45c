import { realSystem } from '@tandem/chassis/system'
import { followingOrders, storedCopies, userEvent } from './given-feed'

const created = ['created', 'Ada', 1] as const
const renamed = ['updated', 'Ada Lovelace', 2] as const
const renamedAgain = ['updated', 'Countess', 3] as const
const deleted = ['deleted', null, 4] as const

type Change = readonly ['created' | 'updated' | 'deleted', string | null, number]
type Told = [situation: string, changes: Change[], name: string | null, version: number, effects: number]

const histories: Told[] = [
  ['was created', [created], 'Ada', 1, 1],
  ['was renamed twice', [created, renamed, renamedAgain], 'Countess', 3, 3],
  ['was deleted', [created, renamed, renamedAgain, deleted], null, 4, 4],
  ['was created with a name that is gone from the log by now', [['created', null, 1]], null, 1, 1],
  [
    'was deleted, with no name left in the log',
    [
      ['created', null, 1],
      ['updated', null, 2],
      ['deleted', null, 3],
    ],
    null,
    3,
    3,
  ],
  ['was deleted, and the event has a name all the same', [created, ['deleted', 'Ada', 2]], null, 2, 2],
  ['was renamed twice, the first name told last', [created, renamedAgain, renamed], 'Countess', 3, 3],
  ['was renamed, and that it was created told last', [renamed, created], 'Ada Lovelace', 2, 2],
  ['was deleted, and all that was before told after it', [deleted, renamedAgain, created, renamed], null, 4, 4],
  ['has another name in the same version', [created, ['updated', 'Bob', 1]], 'Ada', 1, 2],
]

describe('the copy of a user who', () => {
  it.each(histories)(
    '%s, is the newest version, however often it is told',
    async (_, changes, name, version, effects) => {
      const { feed, database } = await followingOrders()
      const eventsOf = (id: string) =>
        changes.map(([what, given, number]) => userEvent(what, { id, name: given, version: number }))
      const [inOnePage, oneByOne, twice] = [realSystem.newId(), realSystem.newId(), realSystem.newId()]

      const again = eventsOf(twice)
      await feed.tell(...again.flatMap((event) => [event, event]))
      await feed.tell(...eventsOf(inOnePage))
      for (const event of eventsOf(oneByOne)) await feed.tell(event)
      await feed.tell(...again)

      const expected = { name, version, changes: effects }
      expect(await storedCopies(database)).toEqual([inOnePage, oneByOne, twice].map((id) => ({ id, ...expected })))
    },
  )
})
