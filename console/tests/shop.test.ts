import { Api } from '../src/api/http'
import { Shop } from '../src/shop/shop'
import { FakeServices, type Lies } from './support/fake-services'

const cable = [{ productId: 'cable', quantity: 1 }]
const person = { name: 'Ada', email: 'ada@example.com' }

/** A shop whose customer has ordered four times from services that may lie, and has checked. */
async function afterFourOrders(lies: Lies = {}) {
  const services = new FakeServices(lies)
  const shop = new Shop(new Api(services.fetch))
  const customer = await shop.signUp(person)
  for (let i = 0; i < 4; i += 1) await shop.order(customer, cable)
  await shop.checkNow()
  return { shop, services, customer }
}

describe('The shop', () => {
  it('finds all orders with services that tell the truth', async () => {
    const { shop } = await afterFourOrders()
    expect(shop.counts.value).toMatchObject({ acknowledged: 4, confirmed: 4, lost: 0, doubled: 0 })
    expect(shop.credit.value).toEqual({ agree: 1, differ: 0 })
  })

  it('counts an order that a service loses', async () => {
    const { shop } = await afterFourOrders({ loses: (order) => order === 2 })
    expect(shop.counts.value).toMatchObject({ acknowledged: 4, lost: 1, doubled: 0 })
  })

  it('counts an order that a service makes twice', async () => {
    const { shop } = await afterFourOrders({ doubles: (order) => order === 3 })
    expect(shop.counts.value).toMatchObject({ acknowledged: 4, lost: 0, doubled: 1 })
  })

  it('counts a customer whose credit is a cent less than the orders say', async () => {
    const { shop } = await afterFourOrders({ overcharges: 1 })
    expect(shop.credit.value).toEqual({ agree: 0, differ: 1 })
  })

  it('sends a request without a response again with its key, and counts one order', async () => {
    const { shop, services } = await afterFourOrders({ dropsResponse: (request) => request === 2 })
    expect([services.requests, services.byKey.size]).toEqual([5, 4])
    expect(shop.counts.value).toMatchObject({ acknowledged: 4, confirmed: 4, lost: 0, doubled: 0 })
    expect(shop.placed.items.map(({ attempts }) => attempts)).toEqual([1, 1, 2, 1])
  })

  it('sends a request again whose response cannot be read, and counts one order', async () => {
    const { shop, services } = await afterFourOrders({ garblesResponse: (request) => request === 2 })
    expect([services.requests, services.byKey.size]).toEqual([5, 4])
    expect(shop.counts.value).toMatchObject({ acknowledged: 4, confirmed: 4, checked: 4, lost: 0, doubled: 0 })
  })

  it('says that one customer could not be checked, though the others could', async () => {
    const { shop, services } = await afterFourOrders()
    shop.me.value = await shop.signUp(person)
    await shop.signUp(person)
    const respond = services.respond.bind(services)
    const isHers = (token: string) => token === shop.me.value?.id
    jest
      .spyOn(services, 'respond')
      .mockImplementation((request) => (isHers(request.token) ? { status: 500, body: {} } : respond(request)))
    await shop.checkNow()
    expect(shop.checkFault.value).toBe('a response without a list (500)')
  })

  it('has checked no order while none can be listed', async () => {
    const { shop } = await afterFourOrders({ listsNothing: true })
    expect(shop.counts.value).toMatchObject({ acknowledged: 4, checked: 0 })
  })

  it('forgets a customer who orders no more, and keeps the counts', async () => {
    const { shop, customer } = await afterFourOrders()
    customer.isDismissed = true
    const next = await shop.signUp(person)
    for (let i = 0; i < 60; i += 1) await shop.order(next, cable)
    await shop.checkNow()
    expect(shop.customers).toBe(1)
    expect(shop.counts.value).toMatchObject({ acknowledged: 64, confirmed: 64, lost: 0, doubled: 0 })
    expect(shop.credit.value).toEqual({ agree: 2, differ: 0 })
  })

  it('says that it could not check, and keeps the last counts', async () => {
    const { shop, services } = await afterFourOrders()
    const customer = await shop.signUp(person)
    jest.spyOn(services, 'respond').mockReturnValue({ status: 500, body: {} })
    await shop.checkNow()
    expect(shop.checkFault.value).toBe('a response without a list (500)')
    expect(shop.counts.value).toMatchObject({ acknowledged: 4, lost: 0 })
    expect(customer.creditAgrees).toBeUndefined()
  })
})
