/** A topic exchange; the routing key is the service and the type: `user-service.user.created`. */
export const exchange = { exchange: 'tandem.events', type: 'topic', durable: true }
