import { allowedContext } from '../../k8s/e2e/cluster'

test.each(['kind-tandem', 'k3d-x', 'minikube', 'docker-desktop'])('e2e:k8s accepts the context %s', (context) => {
  expect(allowedContext(context)).toBe(context)
})

test.each(['production', '', 'my-kind-x', 'minikube-2', 'Docker-Desktop'])(
  'e2e:k8s refuses the context "%s", and says how to use it all the same',
  (context) => {
    expect(() => allowedContext(context)).toThrow(/set K8S_CONTEXT/)
    expect(() => allowedContext(context, 'another')).toThrow(/set K8S_CONTEXT/)
  },
)

test('e2e:k8s accepts the context that K8S_CONTEXT names', () => {
  expect(allowedContext('staging', 'staging')).toBe('staging')
})
