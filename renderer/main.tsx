import { createRoot } from 'react-dom/client'
import './ui/style.css'
import { App } from './app'
import { watchOutsideRequests } from './features/help/outside-requests'
import { start } from './flows/start'
import { tellUntoldFailures } from './flows/untold-failures'
import { allowOwnWorkers } from './trusted-urls'

allowOwnWorkers()
tellUntoldFailures()
watchOutsideRequests()
createRoot(document.getElementById('app')!).render(<App />)
void start()
