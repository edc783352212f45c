import type { Model } from '../model'
import { SourceDialog } from '../tour/source-dialog'
import { Tour } from '../tour/tour'
import { Card } from './card'
import { Count } from './count'
import { Events } from './events'
import { Faults } from './faults'
import { Map } from './map'
import { OrderDialog } from './order-dialog'
import { Orders } from './orders'
import { Plots } from './plots'
import { Promises } from './promises'
import { Replicas } from './replicas'
import { Requests } from './requests'
import { ShopPanel } from './shop-panel'
import { Unlock } from './unlock'

export function Page({ model }: { model: Model }) {
  return (
    <>
      <header class="top">
        <h1>
          <img src="/icon.svg" alt="" width="28" height="28" /> Tandem
        </h1>
        <nav aria-label="APIs">
          <a href="/user-service/docs">API of user-service</a>
          <a href="/order-service/docs">API of order-service</a>
        </nav>
        <button onClick={() => (model.tourStep.value = 0)}>Take the tour</button>
        <Unlock model={model} />
      </header>
      {!model.api.isReachable.value && (
        <p class="alarm" role="alert">
          The gateway does not respond. What you see is the last that was heard; the page goes on asking.
        </p>
      )}
      <main>
        <Promises model={model} />
        <Count model={model} />
        <div class="grid">
          <div>
            <Card id="map" title="What runs">
              <Map model={model} />
              <Replicas model={model} />
              <Plots model={model} />
            </Card>
            <Card id="events" title="Event logs">
              <Events model={model} />
            </Card>
          </div>
          <div>
            <Card id="shop" title="Order something">
              <ShopPanel model={model} />
            </Card>
            <Card id="orders" title="Orders">
              <Orders model={model} />
            </Card>
            <Card id="faults" title="Break something">
              <Faults model={model} />
            </Card>
            <Card id="requests" title="Requests">
              <Requests model={model} />
            </Card>
          </div>
        </div>
        <Tour model={model} />
      </main>
      <OrderDialog model={model} />
      <SourceDialog model={model} />
    </>
  )
}
