import { composeStack } from './compose-stack'

export { root, serviceNames, type Container, type ServiceName } from './compose-stack'

export const project = 'tandem-e2e'
/** Not the default ones, which somebody may be using. */
export const ports = { 'user-service': 3100, 'order-service': 3101, gateway: 3102 }

export const {
  environment,
  docker,
  compose,
  startStack,
  removeStack,
  containerOf,
  containersOf,
  inspect,
  inContainer,
  rowsOf,
} = composeStack({ project, ports })
