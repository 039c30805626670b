import { startLab } from '@phoenix/lab';
import { createOrchestrator, parseConfig, isEmptyPlan } from '@phoenix/core';
import { createProxmoxClient } from '@phoenix/proxmox-client';
const D={cores:2,memory_mb:1024,disk_size_gb:10,storage_pool:'quickOS-vm-disks',network_bridge:'vmbr0'};
const M={ vm_defaults:D, vms:[{vmid:8000,name:'template',is_template:true,template_image:'noble-server-cloudimg-amd64.img',network_config:{ip:'dhcp'},user_config:{username:'phoenix_user'},features:['base_setup']},...[1,2,3].map(n=>({vmid:8000+n,name:`clone-${n}`,clone_from_vmid:8000,features:n===1?['docker']:[],network_config:{ip:`10.0.0.${n+10}/24`,gw:'10.0.0.1'},user_config:{username:'phoenix_user'}}))]};
const pace=Number(process.argv[2]??100);
async function one(i){
 const t=performance.now(),c0=process.cpuUsage();
 const lab=await startLab({seed:i,pace});
 const t1=performance.now();
 const client=createProxmoxClient({url:lab.url,token:lab.token,fingerprint:lab.fingerprint});
 const o=createOrchestrator({client,config:parseConfig([{file:'/made-up/p.json',text:JSON.stringify(M)}],{homeDirectory:'/x',readTextFile:()=>undefined,imageMirror:lab.imageMirror})});
 let bad=[];for await(const e of o.apply(await o.plan('all')))if(e.type==='action-failed')bad.push(e);
 const t2=performance.now();
 const empty=isEmptyPlan(await o.plan('all'));
 const t3=performance.now();
 await client.close();await lab.close();
 const c=process.cpuUsage(c0);
 console.log(i,'start',t1-t|0,'run',t2-t1|0,'plan',t3-t2|0,'cpu',(c.user+c.system)/1000|0,'reqs',lab.requests.length,bad.length,empty);
}
for(let i=1;i<=6;i++)await one(i);
const t=performance.now(),c0=process.cpuUsage();
await Promise.all(Array.from({length:12},(_,i)=>one(10+i)));
const c=process.cpuUsage(c0);console.log('12 at once',performance.now()-t|0,'cpu each',(c.user+c.system)/12000|0);
