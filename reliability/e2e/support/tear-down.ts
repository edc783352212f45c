import { removeStack } from '../../harness/stack'

export default removeStack
