import { removeStack } from './stack'

export default removeStack
