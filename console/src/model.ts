import { signal } from '@preact/signals-core'
import { Api, NoResponse, serviceNames, type Service } from './api/http'
import { list, productIn, Unexpected, type Product } from './api/parse'
import { repeat } from './pause'
import { Shop } from './shop/shop'
import { Stream } from './shop/stream'
import { Admin } from './watch/admin'
import { EventLog, ParkedEvents } from './watch/event-log'
import { FaultSwitches } from './watch/fault-switches'
import { Monitor } from './watch/monitor'
import { bucketMs } from './watch/series'

/** All that the page knows and does. Built once, in main.tsx. */
export class Model {
  readonly api = new Api((...request) => fetch(...request))
  readonly admin = new Admin(this.api, sessionStorage)
  readonly shop = new Shop(this.api)
  readonly products = signal<readonly Product[]>([])
  readonly stream = new Stream(this.shop, () => this.products.value.find(({ id }) => id === 'cable')?.priceCents)
  readonly monitors = perService((service) => new Monitor(service, this.api, this.admin))
  readonly switches = perService((service) => new FaultSwitches(service, this.admin))
  readonly eventLogs = perService((service) => new EventLog(service, this.admin))
  readonly parkedEvents = new ParkedEvents(this.admin)
  /** The order whose timeline is open, by its key. */
  readonly opened = signal<string | undefined>(undefined)
  /** The file of the repository that is open. */
  readonly source = signal<string | undefined>(undefined)
  /** The step of the tour, from 0; undefined while there is none. */
  readonly tourStep = signal<number | undefined>(undefined)

  async start(): Promise<void> {
    for (const name of serviceNames) {
      this.monitors[name].start()
      this.eventLogs[name].start()
    }
    this.parkedEvents.start()
    this.shop.start()
    this.stream.start()
    repeat(bucketMs, async () => this.shop.responses.turn())
    const stop = repeat(1000, async () => {
      if (await this.#begin()) stop()
    })
  }

  /** Reads what it needs once. Returns false if it must be tried again. */
  async #begin(): Promise<boolean> {
    try {
      const { status, body } = await this.api.call({
        service: 'order-service',
        method: 'GET',
        path: '/products?limit=100',
        isPoll: true,
      })
      if (status !== 200) return false
      this.products.value = list(body, productIn)
      await this.admin.start()
      return true
    } catch (error) {
      if (error instanceof NoResponse || error instanceof Unexpected) return false // the map shows who is away
      throw error
    }
  }
}

function perService<T>(make: (service: Service) => T): Readonly<Record<Service, T>> {
  return { 'user-service': make('user-service'), 'order-service': make('order-service') }
}
