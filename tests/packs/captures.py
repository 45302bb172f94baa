#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The rules that ship over public captures: which of them fire where, and nowhere else.

usage: captures.py SENSOR CORPUS

Every capture of CORPUS/corpus/pcap/ot and it is read.  What is in none of the
tables fires nothing: that is most of them, and all that is ordinary traffic
but for EVERYDAY, where one alert tells of something that a port wants to know
once.  Exits 77 where the corpus is missing.
"""
import concurrent.futures
import json
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "lib")]
import harness

GID = 3
BOUND_S = 120
LEAST = 500  # captures: fewer are not the corpus
AT_ONCE = 2

# Somebody does what the rules are for.
ATTACKS = {
    "it/attack/nDPI__bad-dns-traffic.pcap": {130702},
    "it/attack/nDPI__dns-tunnel-iodine.pcap": {130702, 130703},
    "it/attack/nDPI__sql_injection.pcap": {130201},
    "it/ftp/zeek__ftp-bruteforce.pcap": {120509, 130401},
    "it/smb/arkime__dcerpc_synthetic.pcap": {120203},
    "it/smb/nDPI__smbv1.pcap": {120101, 120401},
    "ot/beckhoff-ads/iti__addrouteuse444444444.pcapng": {111202},
    "ot/dnp3/iti__cold_restart_and_response.pcap": {110501},
    "ot/dnp3/iti__DNP3-Malformed.pcap": {111402},
    "ot/dnp3/zeek__dnp3_file_del.pcap": {110505},
    "ot/dnp3/zeek__dnp3_file_write.pcap": {110506},
    "ot/enip-cip/iti__EIP-ChangeTimeAttempt.pcap": {110410},
    "ot/enip-cip/iti__EIP-ControlProtocolChangeAttempt.pcap": {110401, 110402, 110404, 110405, 110406, 110410, 120101},
    "ot/enip-cip/iti__EIP-LockPLCAttempt.pcap": {110404, 110405},
    "ot/enip-cip/iti__EIP-RemoteModeChangeAttempt.pcap": {110401, 110404, 110405, 120101},
    "ot/enip-cip/iti__cip_stop_plc.pcap": {110401},
    "ot/enip-cip/iti__cip_unlock_cpu.pcap": {110404},
    "ot/mms/iti__mms-initiateDownloadSequence.pcap": {111301},
    "ot/mms/iti__mms-initiateUploadSequence.pcap": {111302},
    "ot/mms/iti__mms-resetRequest.pcap": {111303},
    "ot/mms/iti__mms-resumeRequest.pcap": {111304},
    "ot/mms/iti__mms-stopRequest.pcap": {111303, 111304},
    "ot/mms/iti__mms-terminateUploadSequence.pcap": {111302},
    "ot/s7comm/cisa-s7comm__s7ident.pcap": {110107},
    "ot/s7comm/iti__s7comm_downloading_block_db1.pcap": {110105},
    "ot/s7comm/iti__step7_s300_AuthPassword.pcap": {110110},
    "ot/s7comm/iti__step7_s300_copyRamToRom.pcap": {110109},
    "ot/s7comm/iti__step7_s300_download.pcap": {110105},
    "ot/s7comm/iti__step7_s300_stop.pcap": {110101},
    "ot/s7comm/iti__tia_s300_downloadHwConfig.pcap": {110101, 110102, 110106, 110108},
    "ot/s7comm/iti__tia_s300_downloadOb1.pcap": {110104},
}

# Made to show each function of a protocol, the dangerous ones among them.
TOURS = {
    "ot/bacnet/cisa-bacnet__bacnet_example.pcap": {110801, 110806},
    "ot/dnp3/quickdraw__dnp3_test_data_part1.pcap": {110501, 110502, 110503, 110507, 110509},
    "ot/iec104/ekin__104deneme.pcap": {110602, 110605},
    "ot/modbus/arkime__modbus.pcap": {110301, 110302, 110309, 110310, 110311, 110312, 110313},
    "ot/modbus/quickdraw__modbus_test_data_part1.pcap": {110301, 110302},
    "ot/modbus/quickdraw__modbus_test_data_part2.pcap": {110309, 110310, 110311, 110312, 110313},
    "ot/modbus/sv__modbus-modbus.pcap": {110301, 110302},
    "ot/modbus/zeek__fuzz-72.pcap": {110310},
    "ot/omron-fins/ekin__omron.pcap": {110901, 110902, 110904, 110905, 110906, 110907, 110908},
    "ot/omron-fins/nDPI__fins.pcapng": {110901, 110902, 110904, 110905, 110906, 110907, 110908},
}

# Ordinary traffic in which one thing is worth telling once: the rule, and where.
EVERYDAY = {
    110201: ["ot/cotp/ekin__cotp.pcap", "ot/cotp/ekin__plc.pcap", "ot/s7comm/iti__S7-1511_db2_var1_HMI.pcapng",
             "ot/s7comm/iti__S7-1511_db3_var1_HMI.pcap", "ot/s7comm/iti__S7-1511_db6w0_HMI.pcapng",
             "ot/s7comm/iti__V13_1200_TP1200sim_MW100_Int_SPS_5s_MW102_Int_SPS_10s_MW102_ab_1000_Timer_sync.pcapng"],
    110507: ["ot/dnp3/iti__opendnp3-conformance-8.11.2.4-dump.pcap"],
    110509: ["ot/dnp3/iti__serial_time_sync.pcap", "ot/dnp3/zeek__dnp3_write.pcap"],
    110701: ["ot/opcua/cisa-opcua-binary__opcua_with-gap.pcap", "ot/opcua/cisa-opcua-binary__open62541_browse_next.pcapng",
             "ot/opcua/cisa-opcua-binary__open62541_browse_request_with_results.pcap",
             "ot/opcua/cisa-opcua-binary__open62541_browse_with_diagnostic_info.pcapng",
             "ot/opcua/cisa-opcua-binary__python_opcua-client-server_encrypted.pcapng"],
    110702: ["ot/opcua/cisa-opcua-binary__open62541_client-server_mainloop-ActivateSession-diagInfo.pcap",
             "ot/opcua/cisa-opcua-binary__open62541_client-server_mainloop-hasInnerDiagInfohasAddlInfo.pcapng",
             "ot/opcua/cisa-opcua-binary__open62541_client-server_mainloop-hasInnerStatusCode.pcap",
             "ot/opcua/cisa-opcua-binary__open62541_client-server_mainloop.pcap",
             "ot/opcua/cisa-opcua-binary__open62541_client-server_mainloop.pcapng",
             "ot/opcua/cisa-opcua-binary__open62541_read_service_test_data_with_history.pcap"],
    120101: ["it/smb/arkime__ntlm_synthetic.pcap", "it/smb/arkime__smb-port80.pcap", "it/smb/arkime__smb-smbclient.pcap",
             "it/smb/arkime__smbtorture-ntlmssp.pcap", "it/smb/arkime__wireshark-smb-on-windows10.pcap",
             "it/smb/zeek__dce-rpc-mapi.pcap", "it/smb/zeek__smb-cifs_negotiate_lanman.pcap",
             "it/smb/zeek__smb-raw_ntlm_in_smb.pcap", "ot/hart-ip/cisa-hart-ip__hart-ip.pcapng"],
    130401: ["it/ftp/zeek__ftp-ftp-password-pass-command.pcap"],
}


def expected():
    """By capture; no entry: nothing fires."""
    wanted = {**ATTACKS, **TOURS}
    for sid, captures in EVERYDAY.items():
        for capture in captures:
            assert capture not in wanted, f"{capture} has more than one alert: it is not everyday"
            wanted[capture] = {sid}
    return wanted


def fired(sensor, path):
    command = [str(sensor), "-r", str(path), "--packs", "--set", "watch.enabled=false", "-o", "-", "-w", "1",
               "--set", 'capture.checksums="ignore"', "--set", "stream.midstream=true"]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=BOUND_S)
    if done.returncode != 0:
        return {f"status {done.returncode}"}
    alerts = (json.loads(line)["alert"] for line in done.stdout.splitlines())
    return {alert["signature_id"] for alert in alerts if alert["gid"] == GID}


def main():
    sensor, root = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]) / "corpus" / "pcap"
    if not root.is_dir():
        harness.skip(f"the public captures at {root}")
    captures = sorted(path for kind in ("ot", "it") for path in (root / kind).rglob("*")
                      if path.suffix in (".pcap", ".pcapng"))
    checks, wanted = harness.Checks(), expected()
    checks.check(len(captures) >= LEAST, f"only {len(captures)} captures at {root}")
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        for path, got in zip(captures, pool.map(lambda path: fired(sensor, path), captures)):
            name = str(path.relative_to(root))
            want = wanted.pop(name, set())
            checks.check(got == want, f"{name}: {sorted(map(str, got))} fired, not {sorted(want)}")
    checks.check(not wanted, f"captures that are missing: {sorted(wanted)}")
    checks.finish()


if __name__ == "__main__":
    main()
