import { render } from 'preact'
import { Model } from './model'
import './style.css'
import { Page } from './view/page'

const model = new Model()
render(<Page model={model} />, document.body)
void model.start()
