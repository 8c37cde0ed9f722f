// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { ALMProxyLike } from "src/pau/PauLike.sol";

interface TokenLike {
    function approve(address spender, uint256 amount) external returns (bool);
    function transfer(address to, uint256 amount) external returns (bool);
    function transferFrom(address from, address to, uint256 amount) external returns (bool);
}

/// @title ERC-20 calls made by an ALMProxy, checked
/// @notice A call has succeeded when it did not revert and returned nothing, or exactly one word that is true.
/// @dev The proxy returns the token's return data wrapped in `bytes`; reading the first word of that instead of the
///      token's own answer once made failing approvals look fine (CS-SPRKALM-023).
library ProxyTokens {
    error ApproveFailed(address token, address spender);
    error TransferFailed(address token, address to);

    /// @notice Sets the proxy's allowance, through zero for tokens that refuse to change a standing one.
    function approve(address proxy, address token, address spender, uint256 amount) internal {
        bytes memory data = abi.encodeCall(TokenLike.approve, (spender, amount));
        try ALMProxyLike(proxy).doCall(token, data) returns (bytes memory result) {
            if (_isTrue(result)) return;
        } catch { }
        bytes memory zero = abi.encodeCall(TokenLike.approve, (spender, 0));
        if (!_isTrue(ALMProxyLike(proxy).doCall(token, zero))) revert ApproveFailed(token, spender);
        if (!_isTrue(ALMProxyLike(proxy).doCall(token, data))) revert ApproveFailed(token, spender);
    }

    /// @notice Sends `amount` of `token` from the proxy.
    function transfer(address proxy, address token, address to, uint256 amount) internal {
        bytes memory data = abi.encodeCall(TokenLike.transfer, (to, amount));
        if (!_isTrue(ALMProxyLike(proxy).doCall(token, data))) revert TransferFailed(token, to);
    }

    /// @notice Takes `amount` of `token` from `from` to the proxy, by allowance.
    function transferFrom(address proxy, address token, address from, uint256 amount) internal {
        bytes memory data = abi.encodeCall(TokenLike.transferFrom, (from, proxy, amount));
        if (!_isTrue(ALMProxyLike(proxy).doCall(token, data))) revert TransferFailed(token, proxy);
    }

    function _isTrue(bytes memory result) private pure returns (bool) {
        return result.length == 0 || (result.length == 32 && abi.decode(result, (uint256)) == 1);
    }
}
