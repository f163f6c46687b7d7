import { createRoot } from 'react-dom/client'
import './ui/style.css'
import { App } from './app'
import { watchOutsideRequests } from './features/help/outside-requests'
import { flows } from './flows/flows'
import { tellUntoldFailures } from './flows/untold-failures'
import { allowOwnWorkers } from './trusted-urls'

allowOwnWorkers()
tellUntoldFailures()
watchOutsideRequests()
createRoot(document.getElementById('app')!).render(<App />)
void flows.start.start()
