import { withNames } from '../../simulation/with-names'

const uuid = (last: number) => `019b76da-a812-7000-8000-10000000000${last}`

test('a trace is told with a name for each user and order, the same in all lines', () => {
  const lines = [
    `1.000 caller-0 → order-service POST /orders: 202 pending`,
    `2.000 order-service → user-service PUT /users/${uuid(1)}/holds/${uuid(2)}: 201`,
    `3.000 order-service → user-service PUT /users/${uuid(3)}/holds/${uuid(4)}: 201`,
    `FINDING held: user ${uuid(1)} has a hold for order ${uuid(4)}, as event ${uuid(5)} says`,
  ]
  expect(withNames(lines)).toEqual([
    `1.000 caller-0 → order-service POST /orders: 202 pending`,
    `2.000 order-service → user-service PUT /users/Ada/holds/order-1: 201`,
    `3.000 order-service → user-service PUT /users/Ben/holds/order-2: 201`,
    `FINDING held: Ada has a hold for order-2, as event id-1 says`,
  ])
})
