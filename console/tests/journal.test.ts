import { Journal } from '../src/shop/journal'

const order = (id: string, status: 'confirmed' | 'pending' = 'confirmed') => ({ id, status, totalCents: 100 })

describe('The journal of a customer', () => {
  it('counts each acknowledged order by the status that the list has', async () => {
    const journal = new Journal()
    journal.acknowledge(journal.begin(), order('a', 'pending'))
    journal.acknowledge(journal.begin(), order('b'))
    expect(journal.counts).toMatchObject({ acknowledged: 2, pending: 1, confirmed: 1, lost: 0, doubled: 0 })
    expect(journal.isQuiet).toBe(false)
    await journal.check(async () => [order('b'), order('a')])
    expect(journal.counts).toMatchObject({ acknowledged: 2, pending: 0, confirmed: 2, lost: 0, doubled: 0 })
    expect([journal.isQuiet, journal.confirmedCents]).toEqual([true, 200])
  })

  it('counts an acknowledged order as lost while the list does not have it', async () => {
    const journal = new Journal()
    journal.acknowledge(journal.begin(), order('a'))
    await journal.check(async () => [])
    expect(journal.counts.lost).toBe(1)
    await journal.check(async () => [order('a')])
    expect(journal.counts.lost).toBe(0)
  })

  it('does not count an order as lost that is acknowledged while the list is read', async () => {
    const journal = new Journal()
    await journal.check(async () => {
      journal.acknowledge(journal.begin(), order('a'))
      return []
    })
    expect(journal.counts).toMatchObject({ acknowledged: 1, lost: 0 })
  })

  it('counts an order as doubled once no open request can account for it', async () => {
    const journal = new Journal()
    const [first, second] = [journal.begin(), journal.begin()]
    await journal.check(async () => [order('a'), order('b'), order('c')])
    expect(journal.counts.doubled).toBe(0)
    journal.acknowledge(first, order('a'))
    const later = journal.begin()
    expect(journal.counts.doubled).toBe(0)
    journal.acknowledge(second, order('b'))
    expect(journal.counts.doubled).toBe(1)
    journal.refuse(later)
    expect(journal.counts).toMatchObject({ acknowledged: 2, doubled: 1 })
  })

  it('is not quiet while a request has no response', () => {
    const journal = new Journal()
    const request = journal.begin()
    expect(journal.isQuiet).toBe(false)
    journal.refuse(request)
    expect(journal.isQuiet).toBe(true)
  })
})
