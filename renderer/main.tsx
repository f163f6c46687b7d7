import { createRoot } from 'react-dom/client'
import { App } from './app'
import { start } from './flows/start'
import './ui/style.css'

createRoot(document.getElementById('app')!).render(<App />)
void start()
