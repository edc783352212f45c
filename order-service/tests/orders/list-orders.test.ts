import { keyboard, testOrders } from '../support/order-app'

describe('GET /orders', () => {
  it('lists your orders, newest first, page by page', async () => {
    const { as, fake } = await testOrders()
    await (await as(fake.user())).post('/orders', keyboard).expect(201)
    const caller = await as(fake.user())
    const placed: string[] = []
    for (let i = 0; i < 5; i++) placed.unshift((await caller.post('/orders', keyboard).expect(201)).body.id)

    const seen: string[] = []
    let next: string | undefined = '/orders?limit=2'
    const pages: number[] = []
    while (next !== undefined) {
      const page: { body: { id: string }[]; headers: Record<string, string> } = await caller.get(next).expect(200)
      seen.push(...page.body.map(({ id }) => id))
      pages.push(page.body.length)
      next = /^<(.+)>; rel="next"$/.exec(page.headers.link ?? '')?.[1]
    }
    expect(seen).toEqual(placed)
    expect(pages).toEqual([2, 2, 1])
  })

  it('filters by status, and keeps the filter in the link to the next page', async () => {
    const { as, fake } = await testOrders()
    const userId = fake.user(3 * 4999)
    const caller = await as(userId)
    for (let i = 0; i < 5; i++) await caller.post('/orders', keyboard)
    const { body, headers } = await caller.get(`/orders?status=confirmed&userId=${userId}&limit=2`).expect(200)
    expect(body.map(({ status }: { status: string }) => status)).toEqual(['confirmed', 'confirmed'])
    expect(headers.link).toBe(`</orders?userId=${userId}&status=confirmed&limit=2&after=${body[1].id}>; rel="next"`)
    expect((await caller.get('/orders?status=rejected').expect(200)).body).toHaveLength(2)
  })

  it('lists the orders of all users, or of one, for an admin', async () => {
    const { as, fake } = await testOrders()
    const users = [fake.user(), fake.user()]
    for (const user of users) await (await as(user)).post('/orders', keyboard).expect(201)
    const admin = await as('admin')
    expect((await admin.get('/orders').expect(200)).body).toHaveLength(2)
    const { body } = await admin.get(`/orders?userId=${users[0]}`).expect(200)
    expect(body.map(({ userId }: { userId: string }) => userId)).toEqual([users[0]])
  })

  it('returns 403 if a user asks for the orders of another', async () => {
    const { as, fake } = await testOrders()
    const { body } = await (await as(fake.user())).get(`/orders?userId=${fake.user()}`).expect(403)
    expect(body.code).toBe('forbidden')
  })

  it.each([
    'limit=0',
    'limit=101',
    'limit=1.5',
    'limit=ten',
    'after=1',
    'status=lost',
    'userId=me',
    'limit=1&limit=2',
    'page=2',
  ])('returns 400 for %s', async (query) => {
    const { as, fake } = await testOrders()
    const { body } = await (await as(fake.user())).get(`/orders?${query}`).expect(400)
    expect(body.errors[0].pointer).toBe(`/query/${query.split('=')[0]}`)
  })

  it('ignores empty query values', async () => {
    const { as, fake } = await testOrders()
    await (await as(fake.user())).get('/orders?status=&after=&limit=').expect(200)
  })
})
