import { audit } from '../../audit/audit'
import { rightRecords } from '../support/right-records'

test('what both services keep of a day of orders, cancels, renames and a deletion has no finding', async () => {
  const { findings, checked } = audit(await rightRecords(), { settled: true })
  expect(findings).toEqual([])
  expect(checked).toEqual({
    users: 1,
    deposits: 3,
    holds: 4,
    orders: 5,
    'events of users': 4,
    'events of orders': 11,
    'copies of users': 2,
  })
})

test('a finding says in a sentence what is wrong, and names whom it is about', async () => {
  const records = await rightRecords()
  const ada = records.users.users[0]!
  ada.creditCents += 1
  const says = `user ${ada.id} has deposits of 1500, but 1201 available and 300 held`
  expect(audit(records, { settled: true }).findings).toEqual([{ kind: 'books-differ', ids: { userId: ada.id }, says }])
})
